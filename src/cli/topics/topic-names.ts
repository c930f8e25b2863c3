/** The names of the topics of the help, in the order in which they are listed, and what each is about. */

/** What each topic is about, in a few words. */
export const TOPIC_SUMMARIES = {
  locations: 'how commands name where they read and write',
  references: 'ways to name a run without its whole run_id',
  selection: 'which runs a command is about, and how times are written',
  formats: 'what is written, and what is read',
  ids: "how a run's trace is found from its run_id",
  ledger: 'what remembers which runs an endpoint accepted',
  redaction: 'what is taken out of journals before they leave',
  environment: 'the variables that are read',
  'exit-codes': 'what a command ends with',
} as const

/** The name of a topic. */
export type TopicName = keyof typeof TOPIC_SUMMARIES
