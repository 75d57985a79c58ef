/** Recovery decisions: incidents in, explained plans out. */
export { type Explanation, evidenceClause } from './explanation.js'
export { type Incident, type IncidentKind, incidentOf } from './incident.js'
export { type Plan, type PlanContext, planRecovery, type Strategy } from './plan.js'
