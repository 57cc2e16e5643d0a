using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ReliableQueue.Tests.Messages;

/// <summary>An id and the name of a queue are their text wherever text is what others see of them.</summary>
public sealed partial class TextFormTests
{
    private const string Text = "01939f5e-6c1a-7b3e-9d7f-2a4c8e0b1d5f";

    private static readonly MessageId Id = MessageId.Parse(Text);
    private static readonly QueueName Queue = QueueName.Parse("emails.eu-1");

    public static TheoryData<string> NoIds => ["", "01939f5e", $"{{{Text}}}", Text.Replace("-", "", StringComparison.Ordinal), Text + " "];

    public static TheoryData<string> NoQueues => ["", "Emails", "a b", new string('a', 65)];

    [Fact]
    public void Json_ByReflection_IsTheText()
    {
        var json = JsonSerializer.Serialize(new { id = Id, queue = Queue, none = (MessageId?)null });

        Assert.Equal($$"""{"id":"{{Text}}","queue":"emails.eu-1","none":null}""", json);
    }

    [Fact]
    public void Json_BySourceGeneratedContext_IsTheTextAndReadBack()
    {
        var answer = new Answer(Id, Queue, new() { [Id] = Queue }, new() { [Queue] = 3 });

        var json = JsonSerializer.Serialize(answer, AnswerContext.Default.Answer);
        var read = JsonSerializer.Deserialize(json, AnswerContext.Default.Answer);

        Assert.Equal($$$"""{"Id":"{{{Text}}}","Queue":"emails.eu-1","Queues":{"{{{Text}}}":"emails.eu-1"},"Counts":{"emails.eu-1":3}}""", json);
        Assert.NotNull(read);
        Assert.Equal((Id, Queue), (read.Id, read.Queue));
        Assert.Equal((answer.Queues[Id], answer.Counts[Queue]), (read.Queues[Id], read.Counts[Queue]));
    }

    [Theory]
    [InlineData("""{"Id":"mine","Queue":"emails","Queues":{},"Counts":{}}""", "$.Id")]
    [InlineData("""{"Id":5,"Queue":"emails","Queues":{},"Counts":{}}""", "$.Id")]
    [InlineData("""{"Id":"01939f5e-6c1a-7b3e-9d7f-2a4c8e0b1d5f","Queue":"E mails","Queues":{},"Counts":{}}""", "$.Queue")]
    public void Json_OtherText_NamesThePath(string json, string path) =>
        Assert.Equal(path, Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, AnswerContext.Default.Answer)).Path);

    [Fact]
    public void TypeConverter_Text_ConvertsBothWays()
    {
        var (ids, queues) = (TypeDescriptor.GetConverter(typeof(MessageId)), TypeDescriptor.GetConverter(typeof(QueueName)));

        Assert.Equal(((object?)Id, Text), (ids.ConvertFromInvariantString(Text), ids.ConvertToInvariantString(Id)));
        Assert.Equal(((object?)Queue, "emails.eu-1"), (queues.ConvertFromInvariantString("emails.eu-1"), queues.ConvertToInvariantString(Queue)));
    }

    [Fact]
    public void Parse_Text_IsReadThroughTheInterfacesOfThePlatform()
    {
        Assert.Equal(Id, Parsed<MessageId>(Text));
        Assert.Equal(Queue, Parsed<QueueName>("emails.eu-1"));
    }

    [Theory]
    [MemberData(nameof(NoIds))]
    public void Parse_TextThatIsNoId_IsRefused(string text)
    {
        Assert.False(MessageId.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Parsed<MessageId>(text));
        Assert.Throws<FormatException>(() => TypeDescriptor.GetConverter(typeof(MessageId)).ConvertFromInvariantString(text));
    }

    [Theory]
    [MemberData(nameof(NoQueues))]
    public void Parse_TextThatIsNoQueue_IsRefused(string text)
    {
        Assert.False(QueueName.TryParse(text, out _));
        Assert.Throws<ArgumentException>(() => QueueName.Parse(text));
        Assert.Throws<FormatException>(() => Parsed<QueueName>(text));
    }

    private static T Parsed<T>(string text)
        where T : ISpanParsable<T>
    {
        var isOne = T.TryParse(text.AsSpan(), null, out var tried) & T.TryParse(text, null, out _);
        var parsed = T.Parse(text, null);
        Assert.Equal((true, parsed, T.Parse(text.AsSpan(), null)), (isOne, tried, parsed));
        return parsed;
    }

    internal sealed record Answer(MessageId Id, QueueName Queue, Dictionary<MessageId, QueueName> Queues, Dictionary<QueueName, int> Counts);

    [JsonSerializable(typeof(Answer))]
    private sealed partial class AnswerContext : JsonSerializerContext;
}
