// biome-ignore-all lint/performance/noBarrelFile: this is what the package exports. Importing it starts nothing; `server.ts` does.
export { type App, type Surroundings, startApp } from './app.js';
export { type Config, ConfigError, readConfig } from './config.js';
