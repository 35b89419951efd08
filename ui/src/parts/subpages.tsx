import { Link, useRouterState, type LinkProps } from '@tanstack/react-router'
import classes from './subpages.module.css'

interface SubpagesProps {
  label: string
  places: readonly { to: NonNullable<LinkProps['to']>; text: string }[]
}

/** The pages that a page consists of, the one that is shown among them. */
export function Subpages({ label, places }: SubpagesProps) {
  const here = useRouterState({ select: (state) => state.location.pathname })
  const shown = places
    .map(({ to }) => to)
    .filter((to) => here === to || here.startsWith(`${to}/`))
    .sort((one, other) => other.length - one.length)[0]
  return (
    <nav aria-label={label}>
      <ul className={classes['places']}>
        {places.map(({ to, text }) => (
          <li key={to}>
            <Link
              to={to}
              className={classes['place']}
              activeOptions={{ exact: true }}
              aria-current={to === shown ? 'page' : undefined}
            >
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
