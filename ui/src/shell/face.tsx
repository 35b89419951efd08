import { Avatar, Text, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { IconSelector } from '@tabler/icons-react'
import { useSession } from '@/api/session'
import { Opening } from '@/parts/opening'
import { useTexts } from '@/texts'
import classes from './shell.module.css'

const loadMenu = () => import('./account')
const NOTHING = {}

/** Whose account it is, at the end of the navigation; opens what can be done with it. */
export function Account() {
  const texts = useTexts('shell')
  const session = useSession()
  const name = session.name ?? session.email ?? session.id
  return (
    <Opening popup="menu" load={loadMenu} given={NOTHING}>
      {(opener) => (
        <UnstyledButton {...opener} className={classes['picker']}>
          <Avatar size={26} color="pine" variant="light" name={name} aria-hidden />
          <Text span truncate flex={1} size="sm">
            <VisuallyHidden>{texts.accountOf} </VisuallyHidden>
            {name}
          </Text>
          <IconSelector size={16} aria-hidden />
        </UnstyledButton>
      )}
    </Opening>
  )
}
