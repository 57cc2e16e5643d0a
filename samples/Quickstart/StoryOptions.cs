using System.Globalization;

namespace Quickstart;

/// <summary>What the command line asks for.</summary>
/// <param name="Redis">The server, <c>host:port</c>; null: the embedded broker.</param>
/// <param name="Folder">Whose files are checksummed.</param>
/// <param name="RedeliveredWithin">How soon after the restart the interrupted message must be handled again. Default: 1 s.</param>
internal sealed record StoryOptions(string? Redis, string Folder, TimeSpan RedeliveredWithin)
{
    /// <summary>Reads the command line; null when it cannot be read.</summary>
    public static StoryOptions? Parse(string[] args)
    {
        var options = new StoryOptions(null, AppContext.BaseDirectory, TimeSpan.FromSeconds(1));
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
                case ["--within", var text, ..] when double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 60:
                    options = options with { RedeliveredWithin = TimeSpan.FromSeconds(seconds) };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
