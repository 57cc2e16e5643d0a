namespace ReliableQueue.Tests.Security;

/// <summary>A message that cannot be written, because it holds itself.</summary>
[MessageType("cyclic")]
internal sealed class Cyclic
{
    public string Secret { get; set; } = "";

    public Cyclic Self => this;
}
