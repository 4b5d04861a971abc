// One JSON document a line, in and out.
import { createInterface } from 'node:readline'

/** Does what every line asks for, one after the other, until there are no more. */
export async function answer(does) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { do: what, ...told } = JSON.parse(line)
    let said
    try {
      said = await does[what](told)
    } catch (error) {
      said = { refused: error.name, why: String(error.message) }
    }
    process.stdout.write(JSON.stringify(said) + '\n')
  }
}
