import { testDatabase } from './databases.js';

testDatabase('SQLite');
