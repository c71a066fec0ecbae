/** Words and phrases that people use interchangeably. A phrase counts as all its words. */
const GROUPS: readonly string[] = [
  'pr, pull request',
  'mr, merge request',
  'repo, repository',
  'org, organization, organisation',
  'dir, directory, folder',
  'config, configuration, setting',
  'env, environment',
  'info, information, detail',
  'db, database',
  'doc, document, documentation',
  'auth, authentication, authorization',
  'id, identifier',
  'msg, message',
  'img, image, picture, photo',
  'param, parameter, argument',
  'pvc, persistent volume claim',
  'crd, custom resource definition',
  'hpa, horizontal pod autoscaler, autoscaler',
  'user, member, person, people, someone, account, collaborator',
  'delete, remove, destroy, erase',
  'create, new, make, add, open, start, register',
  'edit, update, modify, change, patch, replace',
  'message, chat, post',
  'rename, move',
  'answer, reply, respond',
  'url, page, link, navigate, go, website',
  'screenshot, image, capture',
  'command, exec, execute, shell',
  'log, output, journal, trace',
  'trigger, dispatch, run, start',
  'run, execute',
  'rerun, re run',
  'star, stargazer, starred, favorite',
  'protect, protection',
  'merge, combine',
  'money, payout, fund',
  'payment, charge, pay',
  'price, plan, cost',
  'discount, coupon',
  'silence, mute',
  'coordinate, geocode, latitude, location',
  'content, text, body',
  'upload, create, write, attach',
  'publish, create, release',
  'job, task',
  'todo, task',
  'ticket, issue',
  'bug, issue',
  'remember, memory, observation, entity',
  'fact, observation',
  'stay, lodging, accommodation, listing, hotel',
  'branch, ref, reference',
  'bill, invoice',
  'fail, failure, failed, error',
  'web, internet, online',
  'permission, role, access, right',
  'sql, query, database',
  'close, update, state',
  'approve, review, approval',
  'assign, assignee',
  'review, reviewer',
  'subscribe, subscription, watch',
  'contribute, contributor',
  'execute, execution',
  'authorize, authorization',
  'configure, configuration',
  'changed, change, diff, file',
  'unpaid, invoice',
  'invite, add, invitation',
  'preview, upcoming',
  'history, log, list',
  'shop, store',
  'place, location',
  'client, customer',
  'event, activity',
  'mail, email',
  'photo, picture',
  'disable, off, deactivate, stop',
  'enable, on, activate',
  'usage, metric, statistic, stats',
  'meeting, event, appointment',
  'calendar, schedule',
  'attachment, file, asset',
  'count, number, total',
  'copy, duplicate, clone',
  'undo, revert, rollback, roll back',
  'notify, notification, alert',
  'alarm, alert, monitor',
  'key, secret, token, credential',
  'owner, maintainer, admin',
  'tag, label, topic',
  'comment, note, annotation',
  'column, field, property',
  'row, record, entry',
  'table, sheet',
  'contact, person',
  'order, purchase',
  'item, product',
  'vulnerability, security advisory, dependabot',
  'everywhere, all, anywhere',
  'reaction, emoji',
  'restaurant, place',
  'nearby, local',
]
const WORD_WEIGHT = 0.5
const PHRASE_WEIGHT = 0.6

export type Synonyms = ReadonlyMap<string, ReadonlyMap<string, number>>

/** Returns the synonyms of each stem with their weights. */
export function createSynonyms(stem: (word: string) => string): Synonyms {
  const known = new Map<string, Map<string, number>>()
  for (const group of GROUPS) {
    const members = group.split(', ')
    for (const one of members) {
      if (one.includes(' ')) continue
      const others = known.get(stem(one)) ?? new Map<string, number>()
      known.set(stem(one), others)
      for (const other of members) {
        if (other === one) continue
        const words = other.split(' ')
        const weight = words.length > 1 ? PHRASE_WEIGHT : WORD_WEIGHT
        for (const word of words) others.set(stem(word), Math.max(weight, others.get(stem(word)) ?? 0))
      }
    }
  }
  return known
}
