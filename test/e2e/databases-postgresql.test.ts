import { testDatabase, testUsers } from './databases.js';

testDatabase('PostgreSQL');
testUsers('PostgreSQL');
