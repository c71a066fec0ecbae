import { Button, TextInput, UnstyledButton } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { t } from '../../../../../contract/text/translate.ts'
import { KIND_LABELS } from '../../connection-kinds.ts'
import { splitCommand } from '../mcp/split-command.ts'
import { CATALOG, type CatalogEntry } from './catalog-entries.ts'
import styles from './catalog.module.css'

/** Known services, found by name or by what they do. */
export function CatalogChoice({ onChoose, onBack }: { onChoose: (entry: CatalogEntry) => void; onBack: () => void }) {
  const [search, setSearch] = useState('')
  const wanted = search.trim().toLowerCase()
  const found = CATALOG.filter(({ name, does }) => `${name} ${does}`.toLowerCase().includes(wanted))
  return (
    <>
      <TextInput
        data-autofocus
        aria-label={t`Search the catalog`}
        placeholder={t`Search the catalog`}
        leftSection={<IconSearch size={15} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <ul className={styles.entries} aria-label={t`Catalog`}>
        {found.map((entry) => (
          <li key={entry.id}>
            <UnstyledButton className={styles.entry} onClick={() => onChoose(entry)}>
              <span className={styles.head}>
                <b>{entry.name}</b>
                <small>{KIND_LABELS[entry.form.kind].label}</small>
              </span>
              <span>{entry.does}</span>
              <small>{secretText(entry)}</small>
              <Command entry={entry} />
            </UnstyledButton>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className={styles.none}>{t`No results`}</p>}
      <Button variant="subtle" color="gray" onClick={onBack}>
        {t`Back`}
      </Button>
    </>
  )
}

/** What is still needed, above the form that is filled in otherwise. */
export function CatalogHint({ entry }: { entry: CatalogEntry }) {
  return (
    <p className={styles.hint}>
      {secretText(entry)} {entry.toFillIn}
    </p>
  )
}

function Command({ entry: { form } }: { entry: CatalogEntry }) {
  if (form.kind !== 'mcp' || form.values.command === undefined) return null
  const words = splitCommand(form.values.command)
  if (typeof words === 'string') return null
  return (
    <span className={styles.command}>
      {words.map((word) => (
        <code key={word}>{word}</code>
      ))}
    </span>
  )
}

function secretText({ secret }: CatalogEntry): string {
  return secret === null ? t`Needs no secret.` : t`Needs a secret: ${secret.what}. Get one at ${secret.from}`
}
