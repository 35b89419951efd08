import { useSession } from '@/api/session'
import { useFormats } from '@/texts'

/** An instant in the workspace's zone. */
export function When({ at }: { at: string }) {
  const formats = useFormats(useSession().zone)
  return <time dateTime={at}>{formats.dateTime(at)}</time>
}

/** How long ago an instant was, and when exactly on a closer look. */
export function Since({ at }: { at: string }) {
  const session = useSession()
  const formats = useFormats(session.zone)
  return (
    <time dateTime={at} title={formats.dateTime(at)}>
      {formats.relative(at, session.now ?? at)}
    </time>
  )
}
