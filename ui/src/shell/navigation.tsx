import { Link, useRouteContext } from '@tanstack/react-router'
import { may, useSession } from '@/api/session'
import { useTexts } from '@/texts'
import classes from './shell.module.css'

/** The pages that the person may open. */
export function Navigation() {
  const texts = useTexts('nav')
  const session = useSession()
  const places = useRouteContext({ from: '__root__', select: (context) => context.places })
  return (
    <div className={classes['links']}>
      <ul>
        {places
          .filter(({ entry }) => may(session, entry.needs))
          .map(({ to, entry: { icon: Mark, text } }) => (
            <li key={to}>
              <Link to={to} className={classes['link']} activeOptions={{ exact: false, includeSearch: false }}>
                <Mark size={18} stroke={1.7} aria-hidden />
                {texts[text]}
              </Link>
            </li>
          ))}
      </ul>
    </div>
  )
}
