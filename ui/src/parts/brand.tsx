import { Link } from '@tanstack/react-router'
import classes from './brand.module.css'

/** The mark alone: Σ, the sum that stays. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden>
      <rect width="32" height="32" rx="8" fill="#0f6b5c" />
      <path
        d="M23 8.5H9.500L17 16l-7.5 7.5H23"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}

/** The mark and the name, leading to the start page. */
export function Brand() {
  return (
    <Link to="/" className={classes['brand']}>
      <Mark />
      Keepsum
    </Link>
  )
}
