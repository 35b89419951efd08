import { useFormats, useTexts } from '@/texts'

const FOREVER = 12 * 9_000 // months, as the server says it

/** How long records or figures live: calendar months and days together. */
interface Keep {
  days: number
  months: number
}

/** Gives the retention that a declaration names in words; null where nothing goes. */
export function useKeep(): (declared: Readonly<Record<string, unknown>>) => string | null {
  const texts = useTexts('parts')
  const formats = useFormats()
  return (declared) => {
    const { days, months } = declared['keep'] as Keep
    if (months >= FOREVER) return null
    const years = months % 12 === 0 ? months / 12 : 0
    const long = [
      years > 0 && texts.years(years, formats.count(years)),
      years === 0 && months > 0 && texts.months(months, formats.count(months)),
      days > 0 && texts.days(days, formats.count(days)),
    ]
    return formats.list(long.filter((part) => part !== false))
  }
}
