namespace ReliableQueue.Sqlite;

/// <summary>The tables of version 1, and how each connection is set.</summary>
internal static class Schema
{
    /// <summary>
    /// machine: the run of the machine whose clock the lease deadlines are readings of.
    /// queue: paused is until when, in UTC, nothing is given out; 0 when the queue is not paused.
    /// message: one row per message. state says which line it stands in and place where: its position (ready, suspect), when it is due in UTC (scheduled),
    /// when its lease ends (leased), its number among the dead letters (dead). session and fence are the newest token given out, kept after the lease ended.
    /// settled is how that token ended, 0 while it has not, so that a late ack by it can be told from a repeated retry. generation counts redrives.
    /// envelope: the bytes, in rows of their own because every change of state would write them again. Its number is the position of a message never delivered.
    /// failure: why the last delivery of a message failed, or why and when it was dead-lettered, by the number of its envelope.
    /// call: the last number of each lane, for a lease also what it gave (id, fence, …).
    /// worker: what workers said of themselves.
    /// damage: the ids of messages whose rows were found to fail their checksum.
    /// crc: <see cref="Storage.RowChecksum"/> of the other columns, but for when a lane or session was last seen.
    /// </summary>
    public const string Create = """
        CREATE TABLE machine (number INTEGER PRIMARY KEY, boot TEXT NOT NULL, crc INTEGER NOT NULL);
        CREATE TABLE queue (
          number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL, fence INTEGER NOT NULL, line INTEGER NOT NULL, paused INTEGER NOT NULL,
          crc INTEGER NOT NULL);
        CREATE TABLE message (
          queue INTEGER NOT NULL, id BLOB NOT NULL, state INTEGER NOT NULL, place INTEGER NOT NULL, envelope INTEGER NOT NULL, deliveries INTEGER NOT NULL,
          losses INTEGER NOT NULL, generation INTEGER NOT NULL, session INTEGER NOT NULL, fence INTEGER NOT NULL, settled INTEGER NOT NULL, crc INTEGER NOT NULL,
          PRIMARY KEY (queue, id)) WITHOUT ROWID;
        CREATE INDEX line ON message (queue, state, place);
        CREATE TABLE envelope (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL, crc INTEGER NOT NULL);
        CREATE TABLE failure (envelope INTEGER PRIMARY KEY, reason INTEGER NOT NULL, error TEXT, at INTEGER NOT NULL, crc INTEGER NOT NULL);
        CREATE TABLE call (
          queue INTEGER NOT NULL, session INTEGER NOT NULL, lane INTEGER NOT NULL, number INTEGER NOT NULL, regressed INTEGER NOT NULL,
          seen INTEGER NOT NULL, leases BLOB NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (queue, session, lane)) WITHOUT ROWID;
        CREATE TABLE fenced (
          queue INTEGER NOT NULL, session INTEGER NOT NULL, seen INTEGER NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (queue, session)) WITHOUT ROWID;
        CREATE TABLE worker (
          queue INTEGER NOT NULL, session INTEGER NOT NULL, name TEXT NOT NULL, concurrency INTEGER NOT NULL, until INTEGER NOT NULL, crc INTEGER NOT NULL,
          PRIMARY KEY (queue, session)) WITHOUT ROWID;
        CREATE TABLE damage (queue INTEGER NOT NULL, id BLOB NOT NULL, PRIMARY KEY (queue, id)) WITHOUT ROWID;
        """;

    /// <summary>
    /// FULL: an answered call survives a power loss. fullfsync: on macOS a plain fsync leaves the bytes in the drive's cache. The log is truncated to 64 MiB.
    /// </summary>
    public const string Settings = """
        PRAGMA synchronous = FULL;
        PRAGMA fullfsync = ON;
        PRAGMA checkpoint_fullfsync = ON;
        PRAGMA temp_store = MEMORY;
        PRAGMA trusted_schema = OFF;
        PRAGMA cache_size = -16384;
        PRAGMA wal_autocheckpoint = 2000;
        PRAGMA journal_size_limit = 67108864;
        """;
}
