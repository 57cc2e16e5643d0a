using System.Text;
using System.Text.RegularExpressions;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>
/// Where a page of messages begins, as <c>browse.lua</c> names it: a list and a position in it, or a score and a member of a sorted set. As text it also names the state, so
/// that a cursor of another state is refused.
/// </summary>
/// <param name="Place">The list, or the score; empty: the first page.</param>
/// <param name="Position">The position, or the member.</param>
internal readonly partial record struct BrowseCursor(byte[] Place, byte[] Position)
{
    /// <exception cref="ArgumentException">The text is no cursor of this state.</exception>
    public static BrowseCursor Parse(string? text, MessageState state)
    {
        if (text is null)
        {
            return new BrowseCursor([], []);
        }

        var match = (state == MessageState.Ready ? InList() : InSet()).Match(text);
        if (!match.Success || match.Groups["state"].Value != state.ToString())
        {
            throw new ArgumentException($"The cursor is none of the {state} messages of this broker.", nameof(text));
        }

        var position = match.Groups["position"].Value;
        return new BrowseCursor(
            Encoding.ASCII.GetBytes(match.Groups["place"].Value), state == MessageState.Ready ? Encoding.ASCII.GetBytes(position) : Convert.FromHexString(position));
    }

    public string Text(MessageState state) =>
        $"{state}:{Encoding.ASCII.GetString(Place)}:{(state == MessageState.Ready ? Encoding.ASCII.GetString(Position) : Convert.ToHexStringLower(Position))}";

    [GeneratedRegex(@"\A(?<state>[A-Za-z]+):(?<place>[sar]):(?<position>-?[0-9]{1,18})\z", RegexOptions.CultureInvariant)]
    private static partial Regex InList();

    [GeneratedRegex(@"\A(?<state>[A-Za-z]+):(?<place>-?[0-9.e+]{1,24}):(?<position>(?:[0-9a-f]{2}){16,64})\z", RegexOptions.CultureInvariant)]
    private static partial Regex InSet();
}
