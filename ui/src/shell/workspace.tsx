import { Text, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { IconSelector, IconStack2 } from '@tabler/icons-react'
import { useSession } from '@/api/session'
import { Opening } from '@/parts/opening'
import { useTexts } from '@/texts'
import classes from './shell.module.css'

const loadMenu = () => import('./workspaces')
const NOTHING = {}

/** Where one is, and for whoever is in several workspaces the way to another. */
export function Workspace() {
  const { workspaces } = useSession()
  if (workspaces.length < 2)
    return (
      <div className={classes['workspace']}>
        <WorkspaceName />
      </div>
    )
  return (
    <Opening popup="menu" load={loadMenu} given={NOTHING}>
      {(opener) => (
        <UnstyledButton {...opener} className={classes['workspace']}>
          <WorkspaceName />
          <IconSelector size={16} aria-hidden />
        </UnstyledButton>
      )}
    </Opening>
  )
}

/** What the workspace is called. */
function WorkspaceName() {
  const texts = useTexts('shell')
  const { workspace, workspaces } = useSession()
  return (
    <>
      <IconStack2 size={18} stroke={1.7} aria-hidden />
      <Text span truncate fw={550} flex={1}>
        <VisuallyHidden>{texts.workspace} </VisuallyHidden>
        {workspaces.find(({ id }) => id === workspace)?.name ?? workspace}
      </Text>
    </>
  )
}
