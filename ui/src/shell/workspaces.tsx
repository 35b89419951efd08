import { Menu } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { move, useSession } from '@/api/session'
import { tell } from '@/parts/notices'
import { OpenedMenu } from '@/parts/opened'
import type { Opened } from '@/parts/opening'
import { useProblemText } from '@/parts/state'
import { useTexts } from '@/texts'

/** The workspaces that one is in, and the way to each. */
export default function WorkspaceMenu({ opened }: { opened: Opened }) {
  const texts = useTexts('shell')
  const { workspace, workspaces } = useSession()
  const go = useMove()
  return (
    <OpenedMenu opened={opened} position="bottom-start" width="target">
      <Menu.Label>{texts.switchWorkspace}</Menu.Label>
      <Menu.RadioGroup value={workspace} onChange={go}>
        {workspaces.map(({ id, name }) => (
          <Menu.RadioItem key={id} value={id} closeMenuOnClick>
            {name}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </OpenedMenu>
  )
}

function useMove(): (workspace: string) => void {
  const queries = useQueryClient()
  const router = useRouter()
  const said = useProblemText()
  const { mutate } = useMutation({
    mutationFn: move,
    onError: (error) => {
      tell({ tone: 'bad', message: said(error) })
    },
    // Nothing of one workspace is shown in another.
    onSuccess: async () => {
      queries.clear()
      await router.navigate({ to: '/', reloadDocument: true })
    },
  })
  return mutate
}
