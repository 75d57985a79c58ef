/**
 * The text of a scenario: comments, and blocks of commands, a line `----`, and all that they print. The manner of
 * etcd/raft: the text is played, and whatever is printed differently is a difference in the text.
 */

/** Commands with what they must print. */
export interface Block {
  readonly commands: readonly string[]
  readonly expected: string
}

/** Plays one command and returns the lines it prints. */
export type Player = (command: string) => readonly string[] | Promise<readonly string[]>

const DIVIDER = '----'

/** Plays a scenario: the same text with what was really printed. @throws Error - an unknown command, with its line. */
export async function replay(text: string, newPlayer: (first: string) => Player): Promise<string> {
  const parts: string[] = []
  let player: Player | null = null
  for (const paragraph of paragraphsOf(text)) {
    const { comments, commands } = paragraph
    if (comments.length > 0) parts.push(comments.join('\n'))
    if (commands.length === 0) continue
    const printed: string[] = []
    for (const command of commands) {
      player ??= newPlayer(command)
      printed.push(...(await player(command)))
    }
    parts.push([...commands, DIVIDER, ...(printed.length > 0 ? printed : ['(nothing)'])].join('\n'))
  }
  return `${parts.join('\n\n')}\n`
}

/** Words of a command. */
export function wordsOf(command: string): string[] {
  return command.split(/\s+/).filter((word) => word !== '')
}

interface Paragraph {
  readonly comments: readonly string[]
  readonly commands: readonly string[]
}

function paragraphsOf(text: string): Paragraph[] {
  return text.split(/\n\s*\n/).map((paragraph) => {
    const lines = paragraph.split('\n').filter((line) => line.trim() !== '')
    const end = lines.indexOf(DIVIDER)
    const said = end < 0 ? lines : lines.slice(0, end)
    return {
      comments: said.filter((line) => line.startsWith('#')),
      commands: said.filter((line) => !line.startsWith('#')),
    }
  })
}
