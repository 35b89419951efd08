import { Text, VisuallyHidden } from '@mantine/core'
import { IconStack2 } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'
import { useSession } from '@/api/session'
import { useTexts } from '@/texts'
import classes from './shell.module.css'

const WorkspaceMenu = lazy(() => import('./workspaces'))

/** Where one is, and for whoever is in several workspaces the way to another. */
export function Workspace() {
  const { workspaces } = useSession()
  const plain = (
    <div className={classes['workspace']}>
      <WorkspaceName />
    </div>
  )
  return workspaces.length < 2 ? (
    plain
  ) : (
    <Suspense fallback={plain}>
      <WorkspaceMenu />
    </Suspense>
  )
}

/** What the workspace is called. */
export function WorkspaceName() {
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
