import { testDatabase, testLatin1, testUsers } from './databases.js';

testDatabase('MariaDB');
testUsers('MariaDB');
testLatin1();
