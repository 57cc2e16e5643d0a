namespace Quickstart;

/// <summary>What the command line asks for.</summary>
/// <param name="Redis">The server, <c>host:port</c>; null: the embedded broker.</param>
/// <param name="Folder">Whose files are checksummed.</param>
internal sealed record StoryOptions(string? Redis, string Folder)
{
    /// <summary>Reads the command line; null when it cannot be read.</summary>
    public static StoryOptions? Parse(string[] args)
    {
        var options = new StoryOptions(null, AppContext.BaseDirectory);
        for (var rest = args.AsSpan(); rest.Length > 0; rest = rest[2..])
        {
            switch (rest)
            {
                case ["--redis", var server, ..]:
                    options = options with { Redis = server };
                    break;
                case ["--folder", var folder, ..] when Directory.Exists(folder):
                    options = options with { Folder = Path.GetFullPath(folder) };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
