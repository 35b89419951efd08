import { Avatar, Text, VisuallyHidden } from '@mantine/core'
import { IconSelector } from '@tabler/icons-react'
import { useSession } from '@/api/session'
import { useTexts } from '@/texts'

/** Whose account it is, as it stands at the end of the navigation. */
export function Face() {
  const texts = useTexts('shell')
  const session = useSession()
  const name = session.name ?? session.email ?? session.id
  return (
    <>
      <Avatar size={26} color="pine" variant="light" name={name} aria-hidden />
      <Text span truncate flex={1} size="sm">
        <VisuallyHidden>{texts.accountOf} </VisuallyHidden>
        {name}
      </Text>
      <IconSelector size={16} aria-hidden />
    </>
  )
}
