export const problems: Record<string, string> = {
  UNREACHABLE: 'Der Server antwortet nicht. Vielleicht startet er neu; diese Seite versucht es von selbst wieder.',
  NOT_UNDERSTOOD: 'Etwas zwischen Ihnen und dem Server hat an seiner Stelle geantwortet.',
  CREDENTIAL_MISSING: 'Sie sind nicht angemeldet.',
  CREDENTIAL_REFUSED: 'Ihre Sitzung ist abgelaufen: Melden Sie sich wieder an.',
  TOO_MANY_REQUESTS: 'Das war viel auf einmal. Warten Sie einen Moment und versuchen Sie es noch einmal.',
}
