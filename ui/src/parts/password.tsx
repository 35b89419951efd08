import { PasswordInput, type PasswordInputProps } from '@mantine/core'
import { useTexts } from '@/texts'

/** A field for a password, which can be looked at while it is typed. */
export function PasswordField(given: Omit<PasswordInputProps, 'visibilityToggleButtonProps'>) {
  const texts = useTexts('parts')
  const toggle = { 'aria-label': texts.showPassword, tabIndex: 0, 'aria-hidden': false }
  return <PasswordInput required withAsterisk={false} visibilityToggleButtonProps={toggle} {...given} />
}
