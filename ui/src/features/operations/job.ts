/** Gives a duration as people say it: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min. */
export function lasted(seconds: number, locale: string): string {
  const told = (value: number, unit: string, digits = 0) =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: digits }).format(
      value,
    )
  if (seconds < 10) return told(seconds, 'second', 1)
  const whole = Math.round(seconds)
  if (whole < 60) return told(whole, 'second')
  const minutes = Math.floor(whole / 60)
  if (minutes < 60)
    return whole % 60 === 0 ? told(minutes, 'minute') : `${told(minutes, 'minute')} ${told(whole % 60, 'second')}`
  return `${told(Math.floor(minutes / 60), 'hour')} ${told(minutes % 60, 'minute')}`
}
