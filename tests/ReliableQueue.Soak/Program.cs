using Microsoft.Extensions.Configuration;
using ReliableQueue.Soak;

// Without a word: the soak. With --produce: one of its producers, which it starts itself.
var words = new ConfigurationBuilder().AddCommandLine(args).Build();
if (words["produce"] is not null)
{
    await Producing.RunAsync(args);
    return 0;
}

return await Soaking.RunAsync(SoakPlan.Read(words));
