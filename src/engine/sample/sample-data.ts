/** The rows of the sample document: made by a fixed recipe, so that every install shows the same, and none is a real person. */

const FIRST_NAMES = [
  'Ada',
  'Bruno',
  'Chiara',
  'Deniz',
  'Elif',
  'Femi',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Kaja',
  'Luca',
  'Mira',
  'Noor',
  'Otto',
  'Priya',
]
const LAST_NAMES = [
  'Almeida',
  'Berg',
  'Conti',
  'Dubois',
  'Eriksen',
  'Fischer',
  'Garcia',
  'Horvat',
  'Ito',
  'Jansen',
  'Kowalski',
  'Larsen',
  'Moreau',
  'Novak',
  'Okafor',
]
const COUNTRIES = [
  'Austria',
  'Brazil',
  'Denmark',
  'France',
  'Germany',
  'Italy',
  'Japan',
  'Netherlands',
  'Nigeria',
  'Poland',
]
const PRODUCTS: readonly [string, string, number][] = [
  ['Notebook A5, dotted', 'Paper', 8.5],
  ['Notebook A4, ruled', 'Paper', 11],
  ['Index cards, 100', 'Paper', 4.2],
  ['Desk pad', 'Paper', 16.9],
  ['Fountain pen, fine', 'Pens', 34],
  ['Fountain pen, medium', 'Pens', 34],
  ['Gel pen, black', 'Pens', 2.8],
  ['Gel pen, blue', 'Pens', 2.8],
  ['Ink, 50 ml', 'Pens', 12.5],
  ['Mechanical pencil', 'Pens', 14],
  ['Ruler, brass', 'Tools', 19],
  ['Paper knife', 'Tools', 22],
  ['Stapler', 'Tools', 17.5],
  ['Hole punch', 'Tools', 15],
  ['Letter scale', 'Tools', 48],
  ['Tape dispenser', 'Tools', 13.2],
  ['Desk lamp', 'Desk', 89],
  ['Pen tray', 'Desk', 27],
  ['Bookend, pair', 'Desk', 31],
  ['Cork board', 'Desk', 42],
]
const STATUSES = ['paid', 'paid', 'paid', 'shipped', 'shipped', 'open', 'returned']
const DAY_SECONDS = 86_400
const FIRST_DAY = Date.UTC(2025, 0, 2) / 1000

/** Small linear congruential generator (constants of Numerical Recipes): repeatable, and nothing here needs more. */
function sequence(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function pick<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T
}

export interface SampleTable {
  id: string
  columns: { id: string; type: string }[]
  records: Record<string, unknown>[]
}

/** Three tables in the order in which they must be made: references point backwards. Dates are epoch seconds. */
export function sampleTables(): SampleTable[] {
  const random = sequence(7717)
  const customers = Array.from({ length: 64 }, (_, index) => {
    const first = pick(FIRST_NAMES, random(FIRST_NAMES.length))
    const last = pick(LAST_NAMES, index)
    return {
      Name: `${first} ${last}`,
      Email: `${first}.${last}${index}@example.com`.toLowerCase(),
      Country: pick(COUNTRIES, random(COUNTRIES.length)),
      Since: FIRST_DAY - random(900) * DAY_SECONDS,
      Active: random(10) > 0,
    }
  })
  const products = PRODUCTS.map(([name, category, price]) => ({
    Name: name,
    Category: category,
    Price: price,
    Stock: 5 + random(240),
  }))
  const orders = Array.from({ length: 360 }, (_, index) => {
    const product = random(PRODUCTS.length)
    const quantity = 1 + random(8)
    return {
      Customer: 1 + random(customers.length),
      Product: product + 1,
      Quantity: quantity,
      Amount: Math.round(pick(PRODUCTS, product)[2] * quantity * 100) / 100,
      Ordered: FIRST_DAY + Math.floor(index * 1.8) * DAY_SECONDS,
      Status: pick(STATUSES, random(STATUSES.length)),
    }
  })
  return [
    {
      id: 'Customers',
      columns: columns({ Name: 'Text', Email: 'Text', Country: 'Text', Since: 'Date', Active: 'Bool' }),
      records: customers,
    },
    {
      id: 'Products',
      columns: columns({ Name: 'Text', Category: 'Choice', Price: 'Numeric', Stock: 'Int' }),
      records: products,
    },
    {
      id: 'Orders',
      columns: columns({
        Customer: 'Ref:Customers',
        Product: 'Ref:Products',
        Quantity: 'Int',
        Amount: 'Numeric',
        Ordered: 'Date',
        Status: 'Choice',
      }),
      records: orders,
    },
  ]
}

function columns(types: Record<string, string>): { id: string; type: string }[] {
  return Object.entries(types).map(([id, type]) => ({ id, type }))
}
