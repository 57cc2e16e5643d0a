namespace ReliableQueue.Tests.Security;

internal sealed record ParcelBox(int Size) : ParcelPart;
