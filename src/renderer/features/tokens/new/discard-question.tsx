import { Button, Group, Modal } from '@mantine/core'

/** Asks before what was filled in is lost. */
export function DiscardQuestion({ onKeep, onDiscard }: { onKeep: () => void; onDiscard: () => void }) {
  return (
    <Modal opened onClose={onKeep} title="Discard changes?" size="sm">
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onDiscard}>
          Discard
        </Button>
        <Button data-autofocus onClick={onKeep}>
          Keep editing
        </Button>
      </Group>
    </Modal>
  )
}
