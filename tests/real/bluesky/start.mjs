// Bluesky's own software: directory of accounts, personal data server, and the view that counts. Ends on SIGTERM.
import { TestNetwork } from '@atproto/dev-env';

const port = (name) => Number(process.env[name]);
const network = await TestNetwork.create({
  dbPostgresUrl: process.env.DB_POSTGRES_URL,
  dbPostgresSchema: 'bsky',
  plc: { port: port('PLC_PORT') },
  pds: { port: port('PDS_PORT'), hostname: 'localhost' },
  bsky: {
    port: port('BSKY_PORT'),
    dbPostgresSchema: 'bsky',
    publicUrl: `http://localhost:${port('BSKY_PORT')}`,
  },
});
process.on('SIGTERM', async () => {
  await network.close();
  process.exit(0);
});
console.log('READY');
