import { VisuallyHidden } from '@mantine/core'
import type { Schema } from '@/api/client'
import { useFormats, useTexts } from '@/texts'
import classes from './volume.module.css'

type Volume = readonly Schema['VolumeOut'][]

/** How many records came day by day; a day that nothing is known of is a gap. */
export function Bars({ volume, height }: { volume: Volume; height: number }) {
  const texts = useTexts('streams')
  const formats = useFormats()
  const most = Math.max(1, ...volume.map(({ records }) => records ?? 0))
  const total = volume.reduce((sum, { records }) => sum + (records ?? 0), 0)
  return (
    <div
      className={classes['bars']}
      style={{ height }}
      role="img"
      aria-label={texts.volumeIs(formats.count(total), formats.count(volume.length))}
    >
      {volume.map(({ day, records }) => (
        <div
          key={day}
          className={classes['slot']}
          title={`${formats.weekday(day)}: ${records === null ? texts.unknown : formats.count(records)}`}
        >
          {records === null ? (
            <div className={classes['gap']} />
          ) : (
            <div className={classes['bar']} style={{ height: `${(100 * records) / most}%` }} />
          )}
        </div>
      ))}
    </div>
  )
}

/** The same with its first and last day, and as a table for those who do not see it. */
export function VolumeChart({ volume }: { volume: Volume }) {
  const texts = useTexts('streams')
  const formats = useFormats()
  const [first, last] = [volume[0]?.day, volume.at(-1)?.day]
  return (
    <>
      <Bars volume={volume} height={120} />
      <div className={classes['axis']} aria-hidden="true">
        <span>{first && formats.shortDate(first)}</span>
        <span>{last && formats.shortDate(last)}</span>
      </div>
      <VisuallyHidden>
        <table>
          <caption>{texts.volume}</caption>
          <tbody>
            {volume.map(({ day, records }) => (
              <tr key={day}>
                <th scope="row">{formats.weekday(day)}</th>
                <td>{records === null ? texts.unknown : formats.count(records)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </>
  )
}
