import { TextInput } from '@mantine/core'
import type { ChangeEventHandler } from 'react'
import { useTexts } from '@/texts'

/** A field for the address that somebody signs in with. */
export function EmailField({ value, onChange }: { value: string; onChange: ChangeEventHandler<HTMLInputElement> }) {
  const texts = useTexts('entry')
  return (
    <TextInput
      label={texts.email}
      type="email"
      autoComplete="username"
      required
      withAsterisk={false}
      value={value}
      onChange={onChange}
    />
  )
}
