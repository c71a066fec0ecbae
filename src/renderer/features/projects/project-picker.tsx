import { TextInput } from '@mantine/core'
import { IconFolder, IconSearch } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useId, useState, type KeyboardEvent } from 'react'
import { plural, t } from '../../../contract/text/translate.ts'
import styles from './project-picker.module.css'
import { Dialog } from '../../ui/dialog.tsx'

interface ProjectPickerProps {
  names: readonly string[]
  opened: boolean
  onClose: () => void
}

/** Finds one of many projects by its name. Enter opens the first result, or the one that the arrows chose. */
export function ProjectPicker({ names, opened, onClose }: ProjectPickerProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title={t`All ${plural(names.length, '# project', '# projects')}`}>
      <Results names={names} onClose={onClose} />
    </Dialog>
  )
}

/** Rendered inside the dialog, so that it always opens without a search. */
function Results({ names, onClose }: { names: readonly string[]; onClose: () => void }) {
  const navigate = useNavigate()
  const base = useId()
  const [search, setSearch] = useState('')
  const [chosen, setChosen] = useState(0)
  const found = names.filter((name) => name.toLowerCase().includes(search.trim().toLowerCase()))
  const at = Math.min(chosen, found.length - 1)
  const open = (name: string): void => {
    onClose()
    void navigate({ to: '/projects/$project', params: { project: name } })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const name = found[at]
    if (event.key === 'ArrowDown') setChosen(Math.min(found.length - 1, at + 1))
    else if (event.key === 'ArrowUp') setChosen(Math.max(0, at - 1))
    else if (event.key === 'Enter' && name !== undefined) open(name)
    else return
    event.preventDefault()
  }
  return (
    <>
      <TextInput
        data-autofocus
        role="combobox"
        aria-label={t`Search projects`}
        aria-expanded
        aria-controls={`${base}list`}
        aria-activedescendant={at < 0 ? undefined : `${base}${at}`}
        placeholder={t`Search projects`}
        leftSection={<IconSearch size={15} />}
        value={search}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setSearch(event.currentTarget.value)
          setChosen(0)
        }}
      />
      <div role="listbox" id={`${base}list`} aria-label={t`Projects`} className={styles.list}>
        {found.map((name, index) => (
          // The search field has the focus and the keys.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={name}
            id={`${base}${index}`}
            role="option"
            aria-selected={index === at}
            ref={index === at ? intoView : undefined}
            className={styles.option}
            onClick={() => open(name)}
          >
            <IconFolder size={15} aria-hidden />
            {name}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className={styles.none}>{t`No results`}</p>}
    </>
  )
}

function intoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' })
}
