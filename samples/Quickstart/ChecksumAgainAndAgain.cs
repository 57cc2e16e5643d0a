using ReliableQueue;

namespace Quickstart;

/// <summary>Asks for the same, again and again for a while: a message that takes long enough to be killed in the middle.</summary>
[MessageType("checksum-again-and-again")]
internal sealed record ChecksumAgainAndAgain(string Path, TimeSpan Duration);
