import { ActionIcon, Menu, type ActionIconProps } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useId, useRef, useState, type ReactNode } from 'react'
import { LateTarget } from './late-target.tsx'
import { useLate } from './use-late.ts'

interface MenuButtonProps {
  label: string
  /** Returns the menu's items. */
  children: () => ReactNode
  width?: number
  size?: NonNullable<ActionIconProps['size']>
  iconSize?: number
}

/** A button with three dots that opens a menu. Cheap enough for every row of a list. */
export function MenuButton({ label, children, width, size = 'md', iconSize = 16 }: MenuButtonProps) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const [isWanted, setWanted] = useState(false)
  const { isMounted, isOpen } = useLate(isWanted)
  return (
    <>
      <ActionIcon
        ref={button}
        id={id}
        variant="subtle"
        color="gray"
        size={size}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? `${id}-dropdown` : undefined}
        data-expanded={isOpen || undefined}
        onClick={() => setWanted(!isWanted)}
      >
        <IconDots size={iconSize} />
      </ActionIcon>
      {isMounted && (
        <Menu
          id={id}
          position="bottom-end"
          opened={isOpen}
          onChange={setWanted}
          {...(width === undefined ? {} : { width })}
        >
          <Menu.Target>
            <LateTarget element={button} />
          </Menu.Target>
          <Menu.Dropdown>{children()}</Menu.Dropdown>
        </Menu>
      )}
    </>
  )
}
