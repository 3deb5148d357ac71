import { testLostConnections, testOutages } from './outage.js';

testOutages('MariaDB');
testLostConnections('MariaDB');
