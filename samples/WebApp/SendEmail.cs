using ReliableQueue;

namespace WebApp;

/// <summary>A message. The name is what is stored, so the record may be renamed or moved while messages wait.</summary>
[MessageType("send-email")]
internal sealed record SendEmail(string To);
