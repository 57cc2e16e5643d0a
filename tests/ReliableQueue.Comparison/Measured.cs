namespace ReliableQueue.Comparison;

/// <summary>What became of one peer.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Version">Its versions, in its own words.</param>
/// <param name="Enqueued">Messages its producer enqueued without an error.</param>
/// <param name="Kills">Kills under load.</param>
/// <param name="InHand">Messages in a handler at one of the kills.</param>
/// <param name="Lost">Messages that were never handled to the end and are not kept as given up either.</param>
/// <param name="GivenUp">Messages it gave up and kept.</param>
/// <param name="Duplicated">Messages handled to the end more than once.</param>
/// <param name="Redelivery">Seconds from the kill of a worker, restarted at once, to its message being handled again; nothing where that never came.</param>
internal sealed record Measured(Peer Peer, string Version, int Enqueued, int Kills, int InHand, int Lost, int GivenUp, int Duplicated, IReadOnlyList<double?> Redelivery);
