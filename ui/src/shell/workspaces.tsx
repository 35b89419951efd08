import { Menu, UnstyledButton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconSelector } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { move, useSession } from '@/api/session'
import { useProblemText } from '@/parts/state'
import { useTexts } from '@/texts'
import classes from './shell.module.css'
import { WorkspaceName } from './workspace'

/** The workspaces that one is in, and the way to each. */
export default function WorkspaceMenu() {
  const texts = useTexts('shell')
  const { workspace, workspaces } = useSession()
  const go = useMove()
  return (
    <Menu position="bottom-start" width="target">
      <Menu.Target>
        <UnstyledButton className={classes['workspace']}>
          <WorkspaceName />
          <IconSelector size={16} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{texts.switchWorkspace}</Menu.Label>
        <Menu.RadioGroup value={workspace} onChange={go}>
          {workspaces.map(({ id, name }) => (
            <Menu.RadioItem key={id} value={id} closeMenuOnClick>
              {name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  )
}

function useMove(): (workspace: string) => void {
  const queries = useQueryClient()
  const router = useRouter()
  const said = useProblemText()
  const { mutate } = useMutation({
    mutationFn: move,
    onError: (error) => notifications.show({ color: 'red', message: said(error) }),
    // Nothing of one workspace is shown in another.
    onSuccess: async () => {
      queries.clear()
      await router.navigate({ to: '/', reloadDocument: true })
    },
  })
  return mutate
}
