using ReliableQueue;

namespace Quickstart;

/// <summary>Asks for the SHA-256 of one file.</summary>
[MessageType("checksum-file")]
internal sealed record ChecksumFile(string Path);
