export const parts = {
  copy: 'Copy',
  copied: 'Copied',
  retry: 'Try again',
  code: (code: string) => `Code ${code}`,
  failed: 'This could not be shown',
  cancel: 'Cancel',
  close: 'Close',
  save: 'Save',
  showPassword: 'Show what is typed',
  days: (count: number, shown: string) => (count === 1 ? '1 day' : `${shown} days`),
  months: (count: number, shown: string) => (count === 1 ? '1 month' : `${shown} months`),
  years: (count: number, shown: string) => (count === 1 ? '1 year' : `${shown} years`),
}
