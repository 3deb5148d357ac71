import { testLostConnections, testOutages } from './outage.js';

testOutages('PostgreSQL');
testLostConnections('PostgreSQL');
