import type { Database } from 'better-sqlite3'

/** Maximum characters of one answer to a model. 0 for no limit, null if the project or the settings decide. */
export function addAnswerLengths(database: Database): void {
  database.exec(`
    ALTER TABLE projects ADD COLUMN answer_chars INTEGER;
    ALTER TABLE tokens ADD COLUMN answer_chars INTEGER;
  `)
}
