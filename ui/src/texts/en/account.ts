export const account = {
  title: 'Account',
  roles: 'Roles',
  rolesAbout: 'What you are in this workspace. Its owners can change that.',
  password: 'Password',
  passwordAbout: 'All your sessions end when it changes, this one too.',
  old: 'Password so far',
  new: 'New password',
  newAbout: 'At least 12 characters; a sentence is a good one.',
  change: 'Change the password',
  everywhere: 'Sign out everywhere',
  everywhereAbout: 'Ends your sessions on all devices and in all workspaces.',
  everywhereSure: 'You will have to sign in again on every device, on this one too.',
}
