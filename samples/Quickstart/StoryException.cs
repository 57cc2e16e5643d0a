namespace Quickstart;

/// <summary>The story cannot go on; the text says why.</summary>
internal sealed class StoryException(string message) : Exception(message);
