namespace ReliableQueue.Sqlite;

/// <summary>A queue as the other tables name it, with the number drawn when it was made.</summary>
internal readonly record struct QueueRow(long Number, long Epoch);
