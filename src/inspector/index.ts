export { inspectionFeed } from './inspection-feed.ts';
export type { InspectionFeed, InspectionFeedOptions } from './inspection-feed.ts';
export type { ActorEntry, EventEntry, FeedEntry, StateEntry, StateValue } from './feed-entry.ts';
export type { Excerpt } from './excerpt.ts';
export { inspectorServer } from './inspector-server.ts';
export type { InspectorServer, InspectorServerOptions } from './inspector-server.ts';
