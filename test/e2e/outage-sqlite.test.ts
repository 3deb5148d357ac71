import { testOutages } from './outage.js';

testOutages('SQLite');
