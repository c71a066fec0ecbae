import { Button, Checkbox, Menu, Table, Text, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import { t } from '../../../../../contract/text/translate.ts'
import { PERMISSIONS, type Grant, type Permission } from '../../../../../contract/grants.ts'
import type { ConnectionRecord } from '../../../../../contract/records.ts'
import { MenuButton } from '../../../../ui/late/menu-button.tsx'
import { KIND_LABELS } from '../../../connections/connection-kinds.ts'
import { grantText } from '../grant-text.ts'
import {
  allowedAll,
  cellOf,
  changesBetween,
  isCustom,
  isUnchosen,
  isWhole,
  limitedTo,
  LIMITS,
  limitsOf,
  WHOLE,
  withPermission,
  type Scope,
} from '../permission-grid.ts'
import styles from '../token-page.module.css'
import { ChangeMark } from './change-mark.tsx'
import { limitSummary } from './limit-summary.ts'
import { LIMIT_TEXTS } from './limit-texts.ts'
import { LimitedTo } from './limited-to.tsx'
import type { MatrixProps } from './permission-matrix.tsx'
import { ResourceRows } from './resource-rows.tsx'
import { useResources } from './use-resources.ts'

type ConnectionRowsProps = Omit<MatrixProps, 'connections'> & { connection: ConnectionRecord }

/** A connection's row, with those of its resources below. */
export function ConnectionRows({ connection, grants, saved, readOnly, onChange, selection }: ConnectionRowsProps) {
  const { name } = connection
  const mine = grants.filter((grant) => grant.connection === name)
  const changes =
    saved === undefined || saved === grants
      ? []
      : changesBetween(
          saved.filter((grant) => grant.connection === name),
          mine,
        )
  const [chosen, setOpen] = useState<boolean | null>(null)
  // Single resources are in sight, also those that a draft has just got.
  const open = chosen ?? mine.some(({ tables, tools, paths }) => (tables ?? tools ?? paths) !== undefined)
  const resources = useResources(connection, open)
  const chosenOnes = mine.filter((grant) => !isUnchosen(grant))
  const set = (scope: Scope, permission: Permission, given: boolean): void =>
    onChange(withPermission(grants, name, scope, permission, given))
  return (
    <>
      <Table.Tr data-connection={name}>
        <Table.Th scope="row">
          <div className={styles.rowHead}>
            {selection !== undefined && (
              <Checkbox
                size="xs"
                aria-label={t`Select ${name}`}
                checked={selection.has(name)}
                onChange={() => selection.toggle(name)}
              />
            )}
            <UnstyledButton
              data-unfolds=""
              aria-expanded={open}
              onClick={() => setOpen(!open)}
              className={styles.unfold}
            >
              {open ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden />}
              <span className={styles.name} title={name}>
                {name}
              </span>
              <Text span size="xs" c="dimmed">
                {KIND_LABELS[connection.kind].label}
              </Text>
            </UnstyledButton>
          </div>
        </Table.Th>
        {PERMISSIONS.map((permission) => {
          const state = cellOf(grants, name, permission)
          return (
            <Table.Td key={permission}>
              <div className={styles.box}>
                <Checkbox
                  aria-label={t`${permission} on ${name}`}
                  checked={state === 'full'}
                  indeterminate={state === 'partial'}
                  disabled={readOnly}
                  onChange={(event) => set(WHOLE, permission, event.currentTarget.checked)}
                />
                <ChangeMark changes={changes} scope={WHOLE} permission={permission} />
              </div>
            </Table.Td>
          )
        })}
        <Table.Td className={styles.text}>
          <LimitedTo summary={limitSummary(connection, chosenOnes, resources.names)} mine={chosenOnes} isOpen={open} />
          {mine.filter(isUnchosen).map((grant) => (
            <Unchosen key={grantText(grant)} grant={grant} onAllow={() => onChange(allowedAll(grants, name))} />
          ))}
        </Table.Td>
        <Table.Td>
          {!readOnly && mine.length > 0 && (
            <AccessMenu
              connection={connection}
              mine={mine}
              onLimit={(limit) => {
                setOpen(true)
                onChange(limitedTo(grants, name, limit))
              }}
              onRemove={() => onChange(grants.filter((grant) => grant.connection !== name))}
            />
          )}
        </Table.Td>
      </Table.Tr>
      {open && (
        <ResourceRows
          connection={connection}
          resources={resources}
          grants={grants}
          changes={changes}
          readOnly={readOnly}
          onSet={set}
        />
      )}
      {mine.filter(isCustom).map((grant) => (
        <Table.Tr key={grantText(grant)}>
          <Table.Td colSpan={4} className={styles.indented}>
            {t`Custom grant: ${grantText(grant)}`}
          </Table.Td>
          <Table.Td colSpan={2}>
            <Button
              size="compact-xs"
              variant="default"
              disabled={readOnly}
              onClick={() => onChange(grants.filter((one) => one !== grant))}
            >{t`Remove`}</Button>
          </Table.Td>
        </Table.Tr>
      ))}
    </>
  )
}

/** Says what is still to be chosen of a limited connection. */
function Unchosen({ grant, onAllow }: { grant: Grant; onAllow: () => void }) {
  const limit = LIMITS.find((one) => grant[one]?.length === 0) ?? 'tables'
  const { choose, allow } = LIMIT_TEXTS[limit]
  return (
    <div role="alert" className={styles.unchosen}>
      {choose}{' '}
      <Button size="compact-xs" variant="default" onClick={onAllow} aria-label={t`${allow} of ${grant.connection}`}>
        {allow}
      </Button>
    </div>
  )
}

interface AccessMenuProps {
  connection: ConnectionRecord
  mine: readonly Grant[]
  onLimit: (limit: (typeof LIMITS)[number]) => void
  onRemove: () => void
}

function AccessMenu({ connection: { name, kind }, mine, onLimit, onRemove }: AccessMenuProps) {
  return (
    <MenuButton label={t`Access to ${name}`} size="sm">
      {() => (
        <>
          {mine.some(isWhole) &&
            limitsOf(kind).map((limit) => (
              <Menu.Item key={limit} onClick={() => onLimit(limit)}>
                {LIMIT_TEXTS[limit].limit}
              </Menu.Item>
            ))}
          <Menu.Item onClick={onRemove}>{t`Remove access`}</Menu.Item>
        </>
      )}
    </MenuButton>
  )
}
