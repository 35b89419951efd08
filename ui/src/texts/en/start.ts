export const start = {
  title: 'First steps',
  about: 'Nothing has been collected here yet. Send one record, and the rest follows.',
  what: 'What to send',
  whatAbout: 'Each stream takes one kind of record. Begin with any of them.',
  token: 'A token',
  tokenAbout: (stream: string) =>
    `An application shows it to send records. This one may send to ${stream}, and nothing else.`,
  tokenOnce: 'Copy it now: it is shown once. It stands in the lines below already.',
  tokenName: (stream: string) => `first steps: ${stream}`,
  makeToken: 'Make a token',
  askForToken: 'An administrator of the workspace can make one for you.',
  send: 'Send a record',
  sendAbout: 'Copy these lines into a terminal, or read the rows of your own database.',
  attach: 'Attach a database',
  attachAbout:
    'Keepsum can also read the tables that your application has already, without copying them. This command looks at one, writes nothing, and proposes a stream to declare.',
  declare: 'Declare a stream',
  declareAbout:
    'A pack says what is collected, how long it is kept and what is counted. Put this file beside the data, and change it to what you have.',
  restart: 'Then start the server again: this page notices.',
  waiting: 'Waiting for the first record',
  arrived: 'The first record is in',
  arrivedAbout: (records: string, stream: string) =>
    records === '1'
      ? `${stream} has one record. From now on its days are counted, proven and, on time, deleted.`
      : `${stream} has ${records} records. From now on its days are counted, proven and, on time, deleted.`,
  toDashboards: 'To the dashboards',
  toStream: 'Look at the stream',
}
