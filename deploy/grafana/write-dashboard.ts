import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'prettier'
import { ROOT } from '../../tools/root.ts'
import { dashboardOf } from './dashboard.ts'
import { ROWS } from './panels.ts'

// npm run dashboard: writes the dashboard that Grafana is given.

const text = JSON.stringify(dashboardOf('Hongyan 鸿雁', 'hongyan', ROWS))
writeFileSync(
  join(ROOT, 'deploy/grafana/dashboards/hongyan.json'),
  await format(text, { parser: 'json', printWidth: 120 }),
)
