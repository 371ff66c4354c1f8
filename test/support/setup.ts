/** Node loads its fetch at the first call, and keeps the `performance` of that moment, which must not be a fake clock's. */
await fetch('data:,');
